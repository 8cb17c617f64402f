# The message with its digits masked and the error code, told by text alone: a nested "msg" or an escaped quote fools it.
match($0, /"msg":"[^"]*"/) {
  text = substr($0, RSTART + 7, RLENGTH - 8)
  gsub(/[0-9]+/, "#", text)
  code = match($0, /"code":"[^"]*"/) ? substr($0, RSTART + 8, RLENGTH - 9) : ""
  count[code "\t" text]++
}
END { for (key in count) print count[key] "\t" key }
