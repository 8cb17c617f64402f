"""What is known of failures: rules as TOML files, how they are loaded and matched, what is asked of the evidence."""
