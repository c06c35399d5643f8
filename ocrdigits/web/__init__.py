"""What the pages of `review` and `serve` have in common: who is let in, how one listens, looks.

`guard` refuses all but a page's own requests, `run` listens, `parts` hands out the files of pages,
`pictures` draws photos for them, `page/` holds their common style.
"""
