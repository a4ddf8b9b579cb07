"""The documentation as a site: `make site` builds it, strict about links, searchable without a server."""

project = "fullcycle"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "fullcycle"
html_copy_source = False
exclude_patterns = ["snippets"]
myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]  # JSON with dots where something was left out
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
