# home
# hasnot: media-keys
{
  programs.nerva.enable = true;
}
