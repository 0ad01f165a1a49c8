// Embeds the files of the pages that need a server; assets.c puts them together.
	.section .rodata

	.macro part name
	.global \name
	.hidden \name
\name:
	.endm

	part web_ui_css
	.incbin "web/ui/web.css"
	part web_ui_css_end

	part web_ui_js
	.incbin "web/ui/server.js"
	.incbin "web/ui/panes.js"
	.incbin "web/ui/live.js"
	.incbin "web/ui/start.js"
	part web_ui_js_end

	.section .note.GNU-stack, "", @progbits
