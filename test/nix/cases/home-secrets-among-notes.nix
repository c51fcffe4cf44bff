# home
# build: secrets\.path is "~/notes/secrets", but must not lie in the folder of the notes
{
  programs.nerva = {
    enable = true;
    notes.path = "~/notes";
    secrets.path = "~/notes/secrets";
  };
}
