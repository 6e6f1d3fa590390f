"""What several measures share; nothing here is a measure."""
