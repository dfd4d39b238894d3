-- What Neovim shows of a program: findings, help, another name. Writes `ok` or `FAILED` lines and ends.
vim.g.siam_command = os.getenv("SIAM")
dofile(os.getenv("SIAM_EDITORS") .. "/nvim/siam.lua")
local failed = false
local function check(what, holds)
  io.stdout:write((holds and "ok: " or "FAILED: ") .. "nvim, " .. what .. "\n")
  failed = failed or not holds
end
vim.cmd("edit " .. os.getenv("SIAM_FILE"))
local function wait(body) return vim.wait(10000, body, 50) end
check("findings", wait(function() return #vim.diagnostic.get(0) > 0 end))
check("the finding's text", vim.diagnostic.get(0)[1] and vim.diagnostic.get(0)[1].message:find("contrastiv", 1, true) ~= nil)
local function ask(method, line, column, more)
  local p = { textDocument = vim.lsp.util.make_text_document_params(), position = { line = line, character = column } }
  for k, v in pairs(more or {}) do p[k] = v end
  local answers = vim.lsp.buf_request_sync(0, method, p, 10000)
  for _, answer in pairs(answers or {}) do return answer.result end
end
local hover = ask("textDocument/hover", 0, 8)
check("help", hover and hover.contents.value:find("layer", 1, true) ~= nil)
vim.api.nvim_win_set_cursor(0, { 1, 0 })
vim.lsp.buf.rename("tower")
check("another name", wait(function() return vim.api.nvim_buf_get_lines(0, 0, 1, false)[1]:find("^tower = ") ~= nil end))
check("everywhere", wait(function() return vim.api.nvim_buf_get_lines(0, 1, 2, false)[1]:find("tower%(") ~= nil end))
check("no finding is lost by it", wait(function() return #vim.diagnostic.get(0) > 0 end))
vim.cmd("cquit " .. (failed and 1 or 0))
