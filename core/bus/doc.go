// Package bus carries nerva's interfaces over the session bus: a Server that puts implementations of
// api.Launcher, api.Agent, api.Skills, api.Policy and api.Manager on it, and a Client that is one of each.
//
// The members, their signatures and the keys of the dictionaries are fixed: scripts rely on them. methods.go has
// them as the one table from which calls are dispatched and introspection is written. A dictionary is an
// api struct's JSON form in D-Bus types (dict.go).
//
// godbus runs each incoming call in a goroutine of its own, so a slow method holds up no other. State has
// owners: peers (the goroutine that follows who is on the bus), tenure (the name), one relay goroutine for
// each open run (the order of its signals), and on the client's side one goroutine for each Watch.
//
// Nothing else in core knows D-Bus, and this package knows nothing of what the services do.
package bus
