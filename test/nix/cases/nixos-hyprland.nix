# nixos
# has: "programs":{"hyprland":{"enable":true
# has: xdg-desktop-portal-hyprland
# has: xdg-desktop-portal-gtk
{
  services.nerva = {
    enable = true;
    users = [ "alice" ];
    hyprland.enable = true;
  };
  users.users.alice.isNormalUser = true;
}
