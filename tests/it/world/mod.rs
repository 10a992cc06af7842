//! The world of a story: its database, its browser.
