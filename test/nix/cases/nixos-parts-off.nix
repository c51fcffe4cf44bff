# nixos
# hasnot: kernelModules
# hasnot: "extraGroups":["uinput"]
# hasnot: "pipewire":{"enable":true}
# hasnot: xdg-desktop-portal
# hasnot: "fonts":{
# hasnot: at-spi2
# hasnot: "wantedBy":["
{
  services.nerva = {
    enable = true;
    users = [ "alice" ];
    nervad.enable = false;
    ui.enable = false;
    fonts = false;
    permissions = {
      uinput = false;
      portal = false;
      pipewire = false;
      accessibility = false;
    };
  };
  users.users.alice.isNormalUser = true;
}
