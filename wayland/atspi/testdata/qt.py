"""A window of Qt 6 with twenty named controls, which speaks as that of gtk.py does."""

import sys

from PyQt6.QtCore import QSocketNotifier, Qt, QTimer
from PyQt6.QtWidgets import (
    QApplication, QCheckBox, QComboBox, QCommandLinkButton, QDateEdit, QDial, QGroupBox, QLabel, QLineEdit, QListWidget, QMainWindow,
    QPlainTextEdit, QPushButton, QRadioButton, QScrollArea, QSlider, QSpinBox, QTabWidget, QToolButton, QTreeWidget,
    QTreeWidgetItem, QVBoxLayout, QWidget,
)

focusable = {}


def say(what, happened):
    print(f"{what}: {happened}", flush=True)


app = QApplication(sys.argv)
app.setApplicationName("qt-controls")
app.setDesktopFileName("org.nerva.QtControls")
window = QMainWindow(windowTitle="Qt controls")
inside = QWidget()
box = QVBoxLayout(inside)


def add(widget, name=None, focus=False):
    if name:
        widget.setAccessibleName(name)
    if focus:
        focusable[widget] = name
    box.addWidget(widget)
    return widget


def focused(before, now):
    while now:
        if now in focusable:
            say(focusable[now], "focused")
        now = now.parentWidget()


def answer():
    line = sys.stdin.readline()
    if not line:
        app.quit()
    QTimer.singleShot(0, lambda: print(line, end="", flush=True))


tools = window.menuBar().addMenu("Tools")
tools.aboutToShow.connect(lambda: say("Tools", True))
tools.addAction("Reload").triggered.connect(lambda: say("Reload", "chosen"))
add(QPushButton("Save")).clicked.connect(lambda: say("Save", "pressed"))
add(QPushButton("Save as")).clicked.connect(lambda: say("Save as", "pressed"))
locked = add(QPushButton("Locked", enabled=False))
hidden = add(QPushButton("Hidden"))
hidden.hide()
undo = add(QToolButton(text="Undo"))
undo.clicked.connect(lambda: say("Undo", "pressed"))
add(QPushButton("Bold", checkable=True)).toggled.connect(lambda on: say("Bold", on))
add(QCheckBox("Remember")).toggled.connect(lambda on: say("Remember", on))
large = add(QRadioButton("Large", checked=True))
add(QRadioButton("Small")).toggled.connect(lambda on: say("Small", on))
book = add(QTabWidget())
for page in ("First tab", "Second tab"):
    book.addTab(QLabel("the page of " + page), page)
book.currentChanged.connect(lambda n: say(book.tabText(n), "shown"))
rows = add(QListWidget())
rows.addItems(["Alpha", "Bravo"])
rows.itemSelectionChanged.connect(lambda: say(rows.selectedItems()[0].text(), "selected"))
tree = add(QTreeWidget(headerHidden=True))
for branch in ("Delta", "Echo"):
    tree.addTopLevelItem(QTreeWidgetItem([branch]))
tree.itemSelectionChanged.connect(lambda: say(tree.selectedItems()[0].text(0), "selected"))
add(QSpinBox(), "Copies", focus=True)
add(QSlider(Qt.Orientation.Horizontal), "Volume", focus=True)
add(QDial(), "Balance", focus=True)
add(QLineEdit(), "Full name", focus=True).textChanged.connect(lambda text: say("Full name", "has " + text))
secret = add(QLineEdit("hunter2", echoMode=QLineEdit.EchoMode.Password), "Secret", focus=True)
secret.textChanged.connect(lambda text: say("Secret", "has " + text))


class Country(QComboBox):
    def showPopup(self):
        super().showPopup()
        say("Country", True)


label = add(QLabel("Country"))
country = add(Country())
label.setBuddy(country)
country.addItems(["France", "Ghana"])
advanced = add(QGroupBox("Advanced", checkable=True))
advanced.toggled.connect(lambda on: say("Advanced", on))
add(QCommandLinkButton("More")).clicked.connect(lambda: say("More", "pressed"))
add(QDateEdit(), "Birthday", focus=True)
notes = add(QPlainTextEdit(), "Notes", focus=True)
notes.textChanged.connect(lambda: say("Notes", "has " + repr(notes.toPlainText())))
scroll = QScrollArea(widgetResizable=True)
scroll.setWidget(inside)
window.setCentralWidget(scroll)
window.resize(600, 760)
window.show()
app.focusChanged.connect(focused)
notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
notifier.activated.connect(answer)
print("ready", flush=True)
app.exec()
