"""What was seen, where, with what: records, the store and the manifest."""
