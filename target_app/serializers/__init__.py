"""From models to what jsonify takes; relationships are followed as they come."""
