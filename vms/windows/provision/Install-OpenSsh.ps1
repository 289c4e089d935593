<#
.SYNOPSIS
    Sets up OpenSSH's server, and lets the given key log in as an administrator.
.DESCRIPTION
    Its shell stays cmd.exe, OpenSSH's own choice: PowerShell would read the input of the agent that crossbpf starts.
.PARAMETER PublicKey
    A line of authorized_keys.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [ValidatePattern('^(ssh|ecdsa)-\S+ \S+')] [string] $PublicKey
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# Windows Server 2025 brings the server along, turned off; others have it as an optional part.
if (-not (Get-Service -Name sshd -ErrorAction SilentlyContinue)) {
    $capability = Get-WindowsCapability -Online -Name 'OpenSSH.Server*'
    Add-WindowsCapability -Online -Name $capability.Name | Out-Null
}
Set-Service -Name sshd -StartupType Automatic
Start-Service -Name sshd

$rule = 'OpenSSH-Server-In-TCP'
if (-not (Get-NetFirewallRule -Name $rule -ErrorAction SilentlyContinue)) {
    $port = @{ Direction = 'Inbound'; Protocol = 'TCP'; Action = 'Allow'; LocalPort = 22 }
    New-NetFirewallRule -Name $rule -DisplayName 'OpenSSH server' -Enabled True @port | Out-Null
}
Enable-NetFirewallRule -Name $rule

# Keys of administrators are in a file of their own, which only they may write (sshd_config, Match Group administrators).
$keys = Join-Path $env:ProgramData 'ssh\administrators_authorized_keys'
$known = if (Test-Path $keys) { @(Get-Content $keys) } else { @() }
if ($known -notcontains $PublicKey) {
    Set-Content -Path $keys -Value ($known + $PublicKey) -Encoding ascii
}
& icacls.exe $keys /inheritance:r /grant '*S-1-5-32-544:F' /grant '*S-1-5-18:F' | Out-Null
if ($LASTEXITCODE -ne 0) { throw "icacls.exe failed ($LASTEXITCODE) for $keys." }

$settings = 'HKLM:\SOFTWARE\OpenSSH'
if (Get-ItemProperty -Path $settings -Name DefaultShell -ErrorAction SilentlyContinue) {
    Remove-ItemProperty -Path $settings -Name DefaultShell
}
Restart-Service -Name sshd
Write-Output 'OpenSSH is ready.'
