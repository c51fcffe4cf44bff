# nixos
# has: "kernelModules":["uinput"]
# has: KERNEL==\"uinput\", MODE=\"0660\", GROUP=\"uinput\"
# has: "extraGroups":["uinput"]
# has: "hardware":{"uinput":{"enable":true}}
# has: "pipewire":{"enable":true}
# has: xdg-desktop-portal-gtk
# has: "Restart":"always","RestartSec":2
# has: "wantedBy":["default.target"]
# has: "wantedBy":["graphical-session.target"]
# has: "home-manager":{"sharedModules":
# has: "ConditionUser":["|alice"]
# has: "common":{"default":["gtk"]}
# hasnot: hyprland
# hasnot: "warnings":["
# hasnot: "path":["
{
  services.nerva.enable = true;
  services.nerva.users = [ "alice" ];
  users.users.alice.isNormalUser = true;
}
