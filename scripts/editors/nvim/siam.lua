-- siam in Neovim, 0.7 or later: put this file into ~/.config/nvim/plugin, siam.vim into ~/.config/nvim/syntax.
-- vim.g.siam_command names the program where it is not on the path.
local function command() return { vim.g.siam_command or "siam", "lsp" } end

-- Runs the program of a code lens in a terminal of its own.
local function in_terminal(word)
  return function(given)
    local file = vim.uri_to_fname(given.arguments[1])
    vim.cmd("botright split | terminal " .. vim.fn.shellescape(command()[1]) .. " " .. word .. " " .. vim.fn.shellescape(file))
  end
end
vim.lsp.commands["siam.run"] = in_terminal("run")
vim.lsp.commands["siam.doctor"] = in_terminal("doctor")

local function attach(buffer)
  local root = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ":p:h")
  local config = { name = "siam", cmd = command(), root_dir = root }
  if vim.lsp.start then
    vim.lsp.start(config, { bufnr = buffer })
    return
  end
  for _, client in pairs(vim.lsp.get_active_clients()) do
    if client.name == "siam" then
      vim.lsp.buf_attach_client(buffer, client.id)
      return
    end
  end
  vim.lsp.buf_attach_client(buffer, vim.lsp.start_client(config))
end

vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  pattern = "*.siam",
  callback = function() vim.bo.filetype = "siam" end,
})
vim.api.nvim_create_autocmd("FileType", {
  pattern = "siam",
  callback = function(event)
    vim.bo[event.buf].commentstring = "# %s"
    vim.bo[event.buf].shiftwidth = 2
    vim.bo[event.buf].expandtab = true
    vim.bo[event.buf].omnifunc = "v:lua.vim.lsp.omnifunc"
    vim.bo[event.buf].makeprg = command()[1] .. " check --format github %"
    vim.bo[event.buf].errorformat = "::%trror file=%f\\,line=%l\\,endLine=%e\\,col=%c\\,%m,::%tarning file=%f\\,line=%l\\,endLine=%e\\,col=%c\\,%m"
    attach(event.buf)
  end,
})
