"""What a report says: of query sites, of files, and of what no rewriting can make right."""
