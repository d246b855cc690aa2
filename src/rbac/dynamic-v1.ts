// The stacks' states call this module by its path and these names for as long as they live: neither may ever change.
export { inventory } from "./inventory";
export { usersAndRoles } from "./users-and-roles";
