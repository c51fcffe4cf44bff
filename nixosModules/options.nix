# What the other files here have in common: each of them can be imported alone.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.services.nerva;
  nerva = import ../nix/lib.nix { inherit lib pkgs; };
in
{
  options.services.nerva = {
    enable =
      lib.mkEnableOption "nerva, the desktop agent and launcher: daemon, overlay and the permissions they need"
      // {
        example = true;
      };

    inherit (nerva) package;

    users = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "alice" ];
      description = ''
        Whom nerva serves: they may inject keys and pointer movements (the group of `/dev/uinput`), and with Home
        Manager's NixOS module they get the overlay and its key binding.
      '';
    };

    settings = mkOption {
      inherit (nerva.toml) type;
      default = { };
      example = lib.literalExpression ''
        {
          policy.rule = [
            { name = "no power"; skill = "power"; decision = "deny"; }
          ];
        }
      '';
      description = ''
        The system's configuration, {file}`/etc/xdg/nerva/config.toml`, with the keys of {manpage}`nerva-config(5)`. A
        user's file is laid over it; rules of the policy add up, so a `deny` here stays. It is checked when it is built.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];

    environment.etc."xdg/nerva/config.toml" = lib.mkIf (cfg.settings != { }) {
      source = nerva.configFile {
        inherit (cfg) package settings;
        prefix = "services.nerva";
      };
    };

    # The group is given to accounts that are declared; without it others are served as well.
    assertions = lib.optionals (cfg.permissions.uinput or false) (
      map (name: {
        assertion =
          (config.users.users.${name}.isNormalUser or false)
          || (config.users.users.${name}.isSystemUser or false);
        message = ''
          services.nerva.users names "${name}", whom this configuration does not declare; write
          users.users.${name}.isNormalUser = true, or take the name out of services.nerva.users.'';
      }) cfg.users
    );

    warnings = lib.optional (cfg.users == [ ]) ''
      services.nerva.users is empty, so nobody may inject keys and nobody gets the overlay's key binding; write
      services.nerva.users = [ "your-name" ].'';
  };
}
