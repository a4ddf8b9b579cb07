"""The final report: the whole cycle as one document, HTML with a print style, Markdown, and PDF."""
