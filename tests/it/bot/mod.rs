//! The bot as people meet it: a simulated Telegram in front, the database behind, no panel.
mod buying;
mod early;
mod groups;
mod methods;
mod services;
mod staff;
mod stand;
mod trouble;
mod ways;
