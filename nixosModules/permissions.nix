# What nerva may do on the machine, each part with a switch of its own. All of it gives way to a value that the
# configuration sets itself, and none of it opens a port or gives rights to anybody but services.nerva.users.
{
  config,
  lib,
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
  part =
    description:
    mkOption {
      type = types.bool;
      default = true;
      example = false;
      inherit description;
    };
in
{
  imports = [ ./options.nix ];

  options.services.nerva = {
    permissions = {
      uinput = part ''
        Whether `/dev/uinput` exists and {option}`services.nerva.users` may write to it: input injection where the
        compositor has no protocol for it. Everything they start may then act as a keyboard.
      '';
      portal = part "Whether the desktop portals run, which take screenshots and open files.";
      pipewire = part "Whether PipeWire runs, which the portals need for the screen.";
      accessibility = part "Whether the accessibility bus runs, by which nerva reads and presses what applications show.";
    };

    fonts = part "Whether the fonts that the overlay is drawn with are installed: Inter, and Noto's colour emoji.";

    hyprland.enable = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether Hyprland is installed as well, by {option}`programs.hyprland.enable`.";
    };
  };

  config = mkIf cfg.enable (
    lib.mkMerge [
      (mkIf cfg.permissions.uinput {
        # Not only a group: this loads the module and has the udev rule.
        hardware.uinput.enable = mkDefault true;
        users.users = lib.genAttrs cfg.users (_: {
          extraGroups = [ "uinput" ];
        });
      })
      (mkIf cfg.permissions.portal {
        xdg.portal = {
          enable = mkDefault true;
          # The compositors' own portals lack its dialogs: access, file chooser, the application to open with.
          extraPortals = [ pkgs.xdg-desktop-portal-gtk ];
          # Where the desktop has no list of its own.
          config.common.default = mkDefault [ "gtk" ];
          wlr.enable = mkIf config.programs.sway.enable (mkDefault true);
        };
      })
      (mkIf cfg.permissions.pipewire { services.pipewire.enable = mkDefault true; })
      (mkIf cfg.permissions.accessibility { services.gnome.at-spi2-core.enable = mkDefault true; })
      (mkIf cfg.fonts {
        fonts.packages = [
          pkgs.inter
          pkgs.noto-fonts-color-emoji
        ];
      })
      (mkIf cfg.hyprland.enable { programs.hyprland.enable = mkDefault true; })
    ]
  );
}
