<#
.SYNOPSIS
    Lets Windows load drivers that are signed for tests, as converted programs are.
.DESCRIPTION
    Takes effect when Windows is restarted, which is the caller's to do. Changes nothing where it is on already.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$isOn = (& bcdedit.exe /enum '{current}' | Out-String) -match '(?im)^\s*testsigning\s+Yes\s*$'
if ($LASTEXITCODE -ne 0) { throw 'bcdedit.exe cannot read the boot configuration: is this shell elevated?' }
if ($isOn) {
    Write-Output 'Test signing is on.'
    return
}

# A machine that starts by BIOS has no such thing, which the cmdlet calls an error.
$isSecureBootOn = $false
try { $isSecureBootOn = Confirm-SecureBootUEFI } catch { Write-Verbose "No Secure Boot: $_" }
if ($isSecureBootOn) {
    throw 'Secure Boot is on, with which Windows permits no test signing. Turn it off while the machine is off; on Hyper-V: Set-VMFirmware -VMName crossbpf-windows -EnableSecureBoot Off.'
}

& bcdedit.exe /set testsigning on | Out-Null
if ($LASTEXITCODE -ne 0) { throw "bcdedit.exe /set testsigning on failed ($LASTEXITCODE)." }
Write-Output 'Test signing will be on when Windows has been restarted.'
