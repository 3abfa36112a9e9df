-- Runs in `pandoc lua` and answers the requests of process.py until its input ends: reads BibLaTeX, and writes citations in CSL.
--
-- A message is its length in bytes on a line, then that many bytes of JSON. Nothing here reads a file or opens a connection:
-- bibliographies come as text, styles as data addresses.

local references = {} -- identifier to the reference, as metadata of pandoc
local styles = {} -- name to the style, as a data address

local dates = {"issued", "accessed", "event-date", "original-date"}

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
  return {document = pandoc.write(pandoc.utils.citeproc(document), "json")}
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
