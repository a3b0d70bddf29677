"""What leaves a store, held against what its plugin's public readme promises."""
