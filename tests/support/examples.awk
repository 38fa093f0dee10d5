# The examples of a manual page or a Markdown file: prints for each display a file PREFIX.NN whose
# first line is its mark and whose others are what a reader sees. The marks stand in a comment in the
# line before it, as .\" MARK or as <!-- MARK -->:
#
#   run [STATUS]         run it; the exit status is 0 or this one
#   run if PROGRAM       where there is that program
#   output               what the example before it prints
#   output of COMMAND    what this prints, which is not shown
#   file NAME            what the file NAME holds; the examples behind it may use it
#   form                 no example, but how something is written
#   not run: WHY         cannot be
#   try COMMAND          no display at all: a command that must succeed, such as one on a file
#
# A display without a mark has the mark "none", and roff that would not show as it is typed "escape".
function begin(what) {
	file = sprintf("%s.%02d", prefix, ++nr)
	print what >file
	mark = ""
}

function text(line, left) {
	left = line
	gsub(/\\\(dq|\\\(aq|\\e|\\&|\\-/, "", left)
	if (roff && index(left, "\\")) {
		begin("escape " line)
	}
	if (roff) {
		sub(/^\\&/, "", line)
		gsub(/\\\(dq/, "\"", line)
		gsub(/\\\(aq/, "'", line)
		gsub(/\\-/, "-", line)
		gsub(/\\e/, "\\", line)
	}
	return line
}

BEGIN { roff = FILENAME !~ /md$/ }
FNR == 1 { roff = FILENAME !~ /md$/ }

roff && /^\.\\" (run|output|file|form|not run:|try)( |$)/ { mark = substr($0, 5) }
!roff && /^<!-- (run|output|file|form|not run:|try).* -->$/ { mark = substr($0, 6, length($0) - 9) }
mark ~ /^try / { begin(mark); next }

roff && /^\.(Dl|D1) / {
	begin(mark == "" ? "none" : mark)
	line = substr($0, 5)
	sub(/^\$ /, "", line)
	print text(line) >file
	next
}
inside && /^(\.Ed|```)/ { inside = 0; next }
inside { print text($0) >file; next }
(roff && /^\.Bd/) || (!roff && /^```/) {
	begin(mark == "" ? "none" : mark)
	inside = 1
	next
}
!roff && /^    [^ ]/ && blank { begin("none"); print >file }
{ blank = $0 == "" }
