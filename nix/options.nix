# The options of both modules as data, for the tables in docs/nix.md: no package is needed for it, only nixpkgs' lib.
{ lib }:
let
  # Options ask packages for the type of TOML, and nothing else.
  pkgs.formats.toml = _: {
    type = lib.types.anything // {
      description = "TOML value";
    };
  };

  docs =
    prefix: module:
    let
      inherit
        (lib.evalModules {
          modules = [
            module
            {
              _module = {
                check = false;
                args = { inherit pkgs; };
              };
            }
          ];
        })
        options
        ;
      text = value: value.text or value;
    in
    map
      (o: {
        inherit (o) name type;
        description = text (o.description or "");
        default = text (o.default or "");
        example = text (o.example or "");
      })
      (
        lib.filter (
          o: lib.hasPrefix prefix o.name && (o.visible or true) == true && !(o.internal or false)
        ) (lib.optionAttrSetToDocList options)
      );
in
{
  nixos = docs "services.nerva" ../nixosModules;
  home = docs "programs.nerva" ../homeModules;
}
