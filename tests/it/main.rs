//! Stories through the front door, a file a capability, in one binary.

mod world;
