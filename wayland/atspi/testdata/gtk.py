"""A window of GTK 4 with twenty named controls. It prints a line for what happens to each, and answers every line that it
is sent, so that one can tell that nothing else has happened."""

import sys

import gi

gi.require_version("Gtk", "4.0")
from gi.repository import Gio, GLib, Gtk  # noqa: E402

def say(what, happened):
    print(f"{what}: {happened}", flush=True)


def answers(source, condition):
    line = sys.stdin.readline()
    if not line:
        app.quit()
        return False
    # After all that is to be done already.
    GLib.idle_add(lambda: print(line, end="", flush=True), priority=GLib.PRIORITY_LOW)
    return True


def activate(app):
    window = Gtk.ApplicationWindow(application=app, title="GTK controls", default_width=600, default_height=760)
    box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
    window.set_child(Gtk.ScrolledWindow(child=box))

    def add(widget, name=None):
        if name:
            widget.update_property([Gtk.AccessibleProperty.LABEL], [name])
        box.append(widget)
        return widget

    add(Gtk.Button(label="Save")).connect("clicked", lambda b: say("Save", "pressed"))
    # Two that can be confused.
    add(Gtk.Button(label="Save as")).connect("clicked", lambda b: say("Save as", "pressed"))
    add(Gtk.Button(label="Locked", sensitive=False)).connect("clicked", lambda b: say("Locked", "pressed"))
    add(Gtk.Button(label="Hidden", visible=False)).connect("clicked", lambda b: say("Hidden", "pressed"))
    add(Gtk.Button(icon_name="edit-undo-symbolic"), "Undo").connect("clicked", lambda b: say("Undo", "pressed"))
    add(Gtk.ToggleButton(label="Bold")).connect("toggled", lambda b: say("Bold", b.get_active()))
    left, right = Gtk.ToggleButton(label="Left", active=True), Gtk.ToggleButton(label="Right")
    right.set_group(left)
    add(left)
    add(right).connect("toggled", lambda b: say("Right", b.get_active()))
    add(Gtk.CheckButton(label="Remember")).connect("toggled", lambda b: say("Remember", b.get_active()))
    large, small = Gtk.CheckButton(label="Large", active=True), Gtk.CheckButton(label="Small")
    small.set_group(large)
    add(large)
    add(small).connect("toggled", lambda b: say("Small", b.get_active()))
    add(Gtk.Switch(halign=Gtk.Align.START), "Wireless").connect("notify::active", lambda s, _: say("Wireless", s.get_active()))
    menu = Gio.Menu()
    menu.append("Reload", "app.reload")
    reload = Gio.SimpleAction.new("reload", None)
    reload.connect("activate", lambda a, _: say("Reload", "chosen"))
    app.add_action(reload)
    add(Gtk.MenuButton(label="Tools", menu_model=menu)).connect("notify::active", lambda b, _: say("Tools", b.get_active()))
    book = Gtk.Notebook()
    for name in ("First tab", "Second tab"):
        book.append_page(Gtk.Label(label="the page of " + name), Gtk.Label(label=name))
    add(book).connect("switch-page", lambda b, page, n: say(b.get_tab_label_text(page), "shown"))
    stack = Gtk.Stack()
    for name in ("Overview", "History"):
        stack.add_titled(Gtk.Label(label="all of " + name), name, name)
    stack.connect("notify::visible-child-name", lambda s, _: say(s.get_visible_child_name(), "shown"))
    add(Gtk.StackSwitcher(stack=stack))
    add(stack)
    rows = Gtk.ListBox()
    for name in ("Alpha", "Bravo"):
        rows.append(Gtk.ListBoxRow(child=Gtk.Label(label=name)))
    add(rows).connect("row-selected", lambda r, row: row and say(row.get_child().get_label(), "selected"))
    items = Gtk.StringList.new(["Delta", "Echo"])
    factory = Gtk.SignalListItemFactory()
    factory.connect("setup", lambda f, item: item.set_child(Gtk.Label()))
    factory.connect("bind", lambda f, item: item.get_child().set_label(item.get_item().get_string()))
    model = Gtk.SingleSelection(model=items, autoselect=False)
    model.connect("notify::selected-item", lambda m, _: say(m.get_selected_item().get_string(), "selected"))
    add(Gtk.ListView(model=model, factory=factory))
    copies = add(Gtk.SpinButton.new_with_range(0, 10, 1), "Copies")
    copies.connect("value-changed", lambda s: say("Copies", s.get_value_as_int()))
    volume = add(Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, 0, 10, 1), "Volume")
    volume.connect("value-changed", lambda s: say("Volume", s.get_value()))
    name = add(Gtk.Entry(), "Full name")
    name.connect("activate", lambda e: say("Full name", "sent"))
    name.connect("changed", lambda e: say("Full name", "has " + e.get_text()))
    secret = add(Gtk.PasswordEntry(), "Secret")
    secret.set_text("hunter2")
    secret.connect("changed", lambda e: say("Secret", "has " + e.get_text()))
    label = add(Gtk.Label(label="Country"))
    country = add(Gtk.DropDown.new_from_strings(["France", "Ghana"]))
    country.update_relation([Gtk.AccessibleRelation.LABELLED_BY], [Gtk.AccessibleList.new_from_list([label])])
    country.get_first_child().connect("notify::active", lambda b, _: say("Country", b.get_active()))
    add(Gtk.LinkButton(uri="https://example.org/", label="Website")).connect("activate-link", lambda b: say("Website", "opened") or True)
    more = add(Gtk.Expander(label="Details", child=Gtk.Label(label="more")))
    more.connect("notify::expanded", lambda e, _: say("Details", e.get_expanded()))
    find = add(Gtk.SearchEntry(), "Find")
    find.connect("changed", lambda e: say("Find", "has " + e.get_text()))
    notes = add(Gtk.TextView(), "Notes")
    notes.get_buffer().connect("changed", lambda b: say("Notes", "has " + repr(b.props.text)))
    window.present()
    GLib.io_add_watch(sys.stdin, GLib.IOCondition.IN | GLib.IOCondition.HUP, answers)
    print("ready", flush=True)


GLib.set_prgname("gtk-controls")
app = Gtk.Application(application_id="org.nerva.GtkControls", flags=Gio.ApplicationFlags.NON_UNIQUE)
app.connect("activate", activate)
app.run([])
