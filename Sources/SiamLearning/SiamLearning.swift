// The room's first stone.
