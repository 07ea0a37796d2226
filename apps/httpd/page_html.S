/* httpd/page_html.S - page.html, as it is, in the program's constants. */
    .section .rodata
    .global page_html
    .global page_html_end
page_html:
    .incbin "page.html"
page_html_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
