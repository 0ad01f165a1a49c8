// Embeds the files of the pages; flame_html.c and weblist.c put them together.
	.section .rodata

	.macro part name
	.global \name
	.hidden \name
\name:
	.endm

	part flame_ui_css
	.incbin "report/ui/flame.css"
	.incbin "report/ui/filters.css"
	part flame_ui_css_end

	part flame_ui_body
	.incbin "report/ui/flame.html"
	part flame_ui_body_end

	part flame_ui_js
	.incbin "report/ui/format.js"
	.incbin "report/ui/address.js"
	.incbin "report/ui/model.js"
	.incbin "report/ui/view.js"
	.incbin "report/ui/colors.js"
	.incbin "report/ui/graph.js"
	.incbin "report/ui/table.js"
	.incbin "report/ui/state.js"
	.incbin "report/ui/header.js"
	.incbin "report/ui/tabs.js"
	.incbin "report/ui/calls.js"
	.incbin "report/ui/labels.js"
	.incbin "report/ui/filters.js"
	.incbin "report/ui/source.js"
	.incbin "report/ui/app.js"
	part flame_ui_js_end
	// Right behind the rest: a saved page has both.
	.incbin "report/ui/refine.js"
	.incbin "report/ui/offline.js"
	.incbin "report/ui/saved.js"
	part flame_ui_saved_end

	part weblist_ui_css
	.incbin "report/ui/weblist.css"
	part weblist_ui_css_end

	part weblist_ui_body
	.incbin "report/ui/weblist.html"
	part weblist_ui_body_end

	part weblist_ui_js
	.incbin "report/ui/weblist.js"
	part weblist_ui_js_end

	.section .note.GNU-stack, "", @progbits
