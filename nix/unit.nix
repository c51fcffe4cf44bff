# A unit file of systemd's as attributes, { Unit, Service, Install }: assets/systemd is the one place where nerva's
# units are written. A key that stands there twice becomes a list. package fills in @bindir@ and @libexecdir@.
lib:
{ package, file }:
let
  filled =
    builtins.replaceStrings [ "@bindir@" "@libexecdir@" ] [ "${package}/bin" "${package}/libexec" ]
      (builtins.readFile file);
  lines = lib.filter (line: line != "" && !lib.hasPrefix "#" line) (lib.splitString "\n" filled);
  add =
    state: line:
    let
      header = builtins.match "\\[([A-Za-z]+)]" line;
      pair = builtins.match "([A-Za-z-]+)=(.*)" line;
      key = builtins.elemAt pair 0;
      text = builtins.elemAt pair 1;
      value = if builtins.match "0|[1-9][0-9]*" text != null then lib.toInt text else text;
      # Home Manager wants the lists of other units as lists.
      isList = state.section == "Install" || state.section == "Unit" && key != "Description";
      old = state.units.${state.section}.${key} or null;
    in
    if header != null then
      state // { section = builtins.head header; }
    else if pair == null then
      throw "${toString file}: ${line} is no line of a unit file"
    else
      state
      // {
        units = lib.recursiveUpdate state.units {
          ${state.section}.${key} =
            if old == null && !isList then value else lib.optionals (old != null) (lib.toList old) ++ [ value ];
        };
      };
in
(lib.foldl' add { units = { }; } lines).units
