// Embeds the files of the flame graph page; flame_html.c puts them together.
	.section .rodata

	.macro part name
	.global flame_ui_\name
	.hidden flame_ui_\name
flame_ui_\name:
	.endm

	part css
	.incbin "report/ui/flame.css"
	part css_end

	part body
	.incbin "report/ui/flame.html"
	part body_end

	part js
	.incbin "report/ui/format.js"
	.incbin "report/ui/model.js"
	.incbin "report/ui/view.js"
	.incbin "report/ui/colors.js"
	.incbin "report/ui/graph.js"
	.incbin "report/ui/table.js"
	.incbin "report/ui/state.js"
	.incbin "report/ui/header.js"
	.incbin "report/ui/app.js"
	part js_end

	.section .note.GNU-stack, "", @progbits
