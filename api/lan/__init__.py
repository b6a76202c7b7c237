"""Serving other computers of the office over HTTPS, with certificates of the machine's own authority."""
