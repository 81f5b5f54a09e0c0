"""The pages: what people look at, rendered here and asked of the interface.

They are the first client of ``/v1``: a page asks its operations within the process, as who is
signed in (`asking`), and renders what they answer (`rendering`). So it shows what the interface
would tell that person, and nothing else. `sessions`, `links` and `openid` say who somebody is,
`guard` refuses what another site sends, `files` are what browsers fetch beside a page, `navigation`
says where each role can go, `page` puts these together for a handler, `site` joins the areas.
Templates lie in ``layout/``, styles and scripts in ``static/``, texts in ``data/texts``.
"""
