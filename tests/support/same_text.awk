# awk -f same_text.awk SHOWN PRINTED: succeeds when a document shows what was printed, and otherwise
# prints the first line that differs. "..." stands for anything in a line, and a line of it for lines.
# Moments, names of batches and what else is of the day count as equal; blanks count as one.
function plain(s) {
	gsub(/batch-[0-9]+-[0-9]+(-[0-9]+)?/, "batch-NAME", s)
	gsub(/[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]/, "DAY", s)
	gsub(/[0-9]+:[0-9][0-9](:[0-9][0-9])?/, "TIME", s)
	s = numbers(s, "t m pid start shim_pid shim_start rss_kb cpu_ms log_from log_to created duration_s")
	gsub(/"(boot|host)":"[^"]*"/, "\"here\":0", s)
	gsub(/[ \t]+/, " ", s)
	sub(/ $/, "", s)
	return s
}
function numbers(s, names, name, i, n) {
	n = split(names, name, " ")
	for (i = 1; i <= n; i++)
		gsub("\"" name[i] "\": ?[0-9.]+", "\"" name[i] "\":0", s)
	return s
}
function is_like(want, got, part, n, i, at) {
	n = split(want, part, /\.\.\./)
	if (n == 1)
		return want == got
	if (substr(got, 1, length(part[1])) != part[1])
		return 0
	got = substr(got, length(part[1]) + 1)
	for (i = 2; i < n; i++) {
		at = index(got, part[i])
		if (part[i] != "" && !at)
			return 0
		got = substr(got, at + length(part[i]))
	}
	return length(got) >= length(part[n]) && substr(got, length(got) - length(part[n]) + 1) == part[n]
}
NR == FNR { want[++nr_want] = plain($0); next }
{ got[++nr_got] = plain($0); was[nr_got] = $0 }
END {
	for (i = j = 1; i <= nr_want; i++) {
		if (want[i] == "...") {
			if (i == nr_want)
				exit 0
			while (j <= nr_got && !is_like(want[i + 1], got[j]))
				j++
			continue
		}
		if (j > nr_got || !is_like(want[i], got[j])) {
			print "shown:   " want[i]
			print "printed: " (j > nr_got ? "(nothing more)" : got[j])
			exit 1
		}
		j++
	}
	if (j <= nr_got) {
		print "shown:   (nothing more)"
		print "printed: " got[j]
		exit 1
	}
}
