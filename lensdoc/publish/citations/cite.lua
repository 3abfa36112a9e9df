-- Runs in `pandoc lua` and answers the requests of process.py until its input ends: reads BibLaTeX, and writes citations in CSL.
--
-- A message is its length in bytes on a line, then that many bytes of JSON. Nothing here reads a file or opens a connection:
-- bibliographies come as text, styles as data addresses.

local references = {} -- identifier to the reference, as metadata of pandoc
local styles = {} -- name to the style, as a data address

local dates = {"issued", "accessed", "event-date", "original-date"}

-- Names of the world. Two things are wrong in what pandoc makes of them, in any style with initials and in any style:
--
--     given names in a script without capitals have no initials, but get the dot of one behind each word: "王小明."
--     names of most scripts are joined without a space, as those of Chinese, Japanese and Korean are: "शर्माराम"
--
-- Words in small Latin letters keep all their letters in all styles, and a family name in Latin letters gets its spaces. So such a
-- word stands for each of these while pandoc writes: the digits of its code points, as letters from a to p between marks. Works
-- whose names are hidden are sorted by code point, and family names among them behind those in Latin letters.
local words = {} -- what stands for a name to the name

local function hide(name)
  local letters = {}
  for _, point in utf8.codes(name) do
    letters[#letters + 1] = ("%06x"):format(point):gsub("%x", function(digit) return string.char(97 + tonumber(digit, 16)) end)
  end
  local hidden = "zx" .. table.concat(letters) .. "xz"
  words[hidden] = name
  return hidden
end

local function show(text)
  return (text:gsub("[Zz][Xx][A-Pa-p]+[Xx][Zz]", function(hidden) return words[hidden:lower()] end))
end

local function has_no_capitals(text)
  return text:find("[\128-\255]") and pandoc.text.upper(text) == pandoc.text.lower(text)
end

local function hide_without_capitals(word)
  return has_no_capitals(word) and hide(word) or word
end

-- The first and last code points of scripts with a space between the names that pandoc joins: from Armenian to Georgian without
-- Hebrew, Arabic and Thai, which it knows, and from Ethiopic to Georgian's capitals.
local spaced = {{0x530, 0x58f}, {0x700, 0xdff}, {0xe80, 0x10ff}, {0x1200, 0x1cff}, {0x2d00, 0x2ddf}, {0xa000, 0xabff}}

local function hide_spaced(name)
  local first = utf8.len(name) and name ~= "" and utf8.codepoint(name) or 0
  for _, range in ipairs(spaced) do
    if range[1] <= first and first <= range[2] then return hide(name) end
  end
  return name
end

-- What a function makes of a text of pandoc's metadata.
local function changed(text, change)
  if type(text) == "string" then return change(text) end
  return text and text:walk({Str = function(part) return pandoc.Str(change(part.text)) end})
end

local function hide_names(reference)
  for _, value in pairs(reference) do
    for _, name in ipairs(type(value) == "table" and value or {}) do
      if type(name) == "table" then
        name.given = changed(name.given, function(text) return (text:gsub("[^%s%-]+", hide_without_capitals)) end)
        local family = pandoc.utils.stringify(name.family or "")
        for _, particle in ipairs({"dropping-particle", "non-dropping-particle"}) do -- the first of two words, as "van" is
          local text = pandoc.utils.stringify(name[particle] or "")
          if has_no_capitals(text) then
            family, name[particle] = text .. " " .. family, nil
            name.family = family
          end
        end
        local hidden = hide_spaced(family)
        if hidden ~= family then name.family = hidden end
      end
    end
  end
end

-- For each reference the names of its variables, so that a field that could not be read is seen, and the TeX in them that no page
-- can show, since pandoc does not know it.
local function read(request)
  local done, document = pcall(pandoc.read, request.text, "biblatex")
  if not done then
    return {error = tostring(document)}
  end
  local found = {}
  for _, reference in ipairs(document.meta.references or {}) do
    local id = pandoc.utils.stringify(reference.id)
    for _, name in ipairs(dates) do
      local date = reference[name]
      if type(date) == "string" and date:find("[^%d%-/~?.%%]") then
        reference[name] = {literal = date} -- a text such as "in press", which pandoc would take for no date
      end
    end
    hide_names(reference)
    references[id] = reference
    local variables, raw = {}, {}
    for name, value in pairs(reference) do
      variables[#variables + 1] = name
      if pandoc.utils.type(value) == "Inlines" then
        value:walk({RawInline = function(part) raw[#raw + 1] = {name, part.text} end})
      end
    end
    found[id] = {variables = variables, raw = raw}
  end
  return {references = found}
end

-- Of the given commands of LaTeX those that pandoc leaves out of a text.
local function unknown(request)
  local found = {}
  for _, command in ipairs(request.commands) do
    local done, document = pcall(pandoc.read, command .. "{x}{y}", "latex+raw_tex+smart")
    local raw = not done
    if done then
      document:walk({RawInline = function() raw = true end, RawBlock = function() raw = true end})
    end
    if raw then found[#found + 1] = command end
  end
  return {commands = found}
end

local function style(request)
  styles[request.name] = request.address
  return {}
end

local function cite(request)
  local document = pandoc.read(request.document, "json")
  local known = {}
  for _, id in ipairs(request.references) do known[#known + 1] = references[id] end
  document.meta.references = known
  document.meta.csl = styles[request.style]
  document.meta["link-citations"] = true
  if request.locale then document.meta.lang = request.locale end
  local written = pandoc.utils.citeproc(document)
  if next(words) then written = written:walk({Str = function(part) return pandoc.Str(show(part.text)) end}) end
  return {document = pandoc.write(written, "json")}
end

local answers = {read = read, unknown = unknown, style = style, cite = cite}

local function send(message)
  local text = pandoc.json.encode(message)
  io.stdout:write(#text, "\n", text)
  io.stdout:flush()
end

send({pandoc = tostring(PANDOC_VERSION), api = pandoc.json.decode(pandoc.write(pandoc.Pandoc({}), "json"), false)["pandoc-api-version"]})
for line in io.stdin:lines() do
  local request = pandoc.json.decode(io.stdin:read(tonumber(line)))
  local done, answer = pcall(answers[request.does], request)
  send(done and answer or {error = tostring(answer)})
end
