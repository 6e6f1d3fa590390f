"""Records into tables, figures and the page that people read."""
