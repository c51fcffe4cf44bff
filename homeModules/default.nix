# programs.nerva: the user's configuration, checked when it is built, the services of the session, and a key binding.
{
  imports = [
    ./options.nix
    ./keybindings.nix
    ./watchers.nix
  ];
}
