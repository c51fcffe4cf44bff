# The overlay: a service of every user's graphical session, and its key binding as far as a system can set it.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (lib)
    mkDefault
    mkIf
    mkOption
    types
    ;
  cfg = config.services.nerva;
  nerva = import ../nix/lib.nix { inherit lib pkgs; };
  # The key binding is the user's; Home Manager, where the system has its module, is the way to it.
  hasHomeManager = options ? home-manager;
  viaHomeManager = hasHomeManager && cfg.ui.homeManager;
in
{
  imports = [ ./options.nix ];

  options.services.nerva.ui = {
    enable = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = "Whether the overlay is started with the graphical session, as the user service `nerva-overlay`.";
    };

    homeManager = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = ''
        Whether, where Home Manager's NixOS module is imported, {option}`programs.nerva` is on for
        {option}`services.nerva.users`: it binds SUPER+SPACE in their compositor.
      '';
    };

    reminder = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = "Whether a system without Home Manager is reminded to bind a key to `nerva-ui`.";
    };
  };

  config = mkIf cfg.enable (
    lib.mkMerge [
      {
        systemd.user.services.nerva-overlay = nerva.systemUnit {
          inherit (cfg) package users;
          file = ../assets/systemd/nerva-overlay.service;
          starts = cfg.ui.enable;
        };

        # sway's own configuration, for who has no other, reads this folder; other compositors have no such place. It
        # has a binding of this key already, about which a second one would be an error.
        environment.etc."sway/config.d/nerva.conf" = mkIf config.programs.sway.enable {
          text = ''
            bindsym --no-warn Mod4+space exec ${cfg.package}/bin/nerva-ui
          '';
        };

        warnings = lib.optional (cfg.ui.reminder && !viaHomeManager && !config.programs.sway.enable) ''
          services.nerva: without Home Manager's NixOS module a system can't bind a key for its users; bind SUPER+SPACE
          to nerva-ui in the compositor's configuration (docs/shortcut.md has the line for each), then set
          services.nerva.ui.reminder = false.'';
      }
      (lib.optionalAttrs hasHomeManager (
        mkIf viaHomeManager {
          home-manager.sharedModules = [
            ../homeModules
            (
              { config, ... }:
              {
                programs.nerva = {
                  enable = mkIf (lib.elem config.home.username cfg.users) (mkDefault true);
                  package = mkDefault cfg.package;
                  systemd.units = false;
                };
              }
            )
          ];
        }
      ))
    ]
  );
}
