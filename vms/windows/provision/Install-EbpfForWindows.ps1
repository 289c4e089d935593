<#
.SYNOPSIS
    Installs a version of eBPF for Windows from its MSI, whose digest is checked, and starts it.
.DESCRIPTION
    Changes nothing where that version is installed already; another one is removed first. What the MSI needs a
    restart for is said at the end, with exit code 0: services that do not run fail the script.
.PARAMETER Version
    A version of ebpf-for-windows.json, or the beginning of one: 1.5.
.PARAMETER Releases
    The path of ebpf-for-windows.json. Where it has no digest, that of GitHub's own record of the release is taken,
    and told, so that it can be written there.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [ValidatePattern('^\d+(\.\d+){1,2}$')] [string] $Version,
    [Parameter(Mandatory)] [string] $Releases
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
# The progress bar of Windows PowerShell makes downloads slow, and is noise over WinRM.
$ProgressPreference = 'SilentlyContinue'
[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12

$repository = 'microsoft/ebpf-for-windows'
$folder = Join-Path $env:ProgramFiles 'ebpf-for-windows'
# Drivers before the service that talks to them.
$services = 'eBPFCore', 'NetEbpfExt', 'eBPFSvc'

function Get-Release([string] $Wanted, [string] $Path) {
    $all = Get-Content -Raw -Path $Path | ConvertFrom-Json
    $known = @($all.PSObject.Properties.Name)
    $fitting = @($known | Where-Object { $_ -eq $Wanted -or $_.StartsWith("$Wanted.") })
    if ($fitting.Count -eq 0) { throw "No release $Wanted in ${Path}: there are $($known -join ', ')." }
    $newest = @($fitting | Sort-Object { [version] $_ })[-1]
    $release = $all.$newest
    [pscustomobject] @{ Version = $newest; Tag = $release.tag; Asset = $release.asset; Sha256 = $release.sha256 }
}

function Get-Installed {
    $paths = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*'
    Get-ItemProperty -Path $paths |
        Where-Object { $_.PSObject.Properties['DisplayName'] -and $_.DisplayName -like 'eBPF for Windows*' } |
        Select-Object -First 1
}

function Get-RecordedDigest($Release) {
    $uri = "https://api.github.com/repos/$repository/releases/tags/$($Release.Tag)"
    # GitHub refuses most of the requests that many machines behind one address make without a token.
    $headers = if ($env:GITHUB_TOKEN) { @{ Authorization = "Bearer $env:GITHUB_TOKEN" } } else { @{} }
    $record = Invoke-RestMethod -UseBasicParsing -Uri $uri -Headers $headers
    $asset = $record.assets | Where-Object { $_.name -eq $Release.Asset } | Select-Object -First 1
    if (-not $asset) { throw "The release $($Release.Tag) of $repository has no $($Release.Asset)." }
    if ("$($asset.digest)" -notmatch '^sha256:([0-9a-f]{64})$') {
        throw "GitHub has no digest of $($Release.Asset): write one into ebpf-for-windows.json."
    }
    Write-Output $Matches[1]
}

function Save-Installer($Release) {
    $expected = $Release.Sha256
    if (-not $expected) {
        $expected = Get-RecordedDigest $Release
        Write-Warning "ebpf-for-windows.json has no digest for $($Release.Version). GitHub's record says $expected."
    }
    $path = Join-Path $env:TEMP $Release.Asset
    $uri = "https://github.com/$repository/releases/download/$($Release.Tag)/$($Release.Asset)"
    Invoke-WebRequest -UseBasicParsing -Uri $uri -OutFile $path
    $actual = (Get-FileHash -Path $path -Algorithm SHA256).Hash
    # -ne does not mind upper and lower case.
    if ($actual -ne $expected) {
        Remove-Item -Path $path
        throw "$uri is another file than expected: its SHA-256 is $actual, not $expected."
    }
    Write-Output $path
}

function Invoke-Msi([string[]] $Arguments) {
    $log = Join-Path $env:TEMP 'ebpf-for-windows-msi.log'
    $all = $Arguments + @('/qn', '/norestart', '/l*v', "`"$log`"")
    $process = Start-Process -FilePath msiexec.exe -ArgumentList $all -Wait -PassThru
    # ERROR_SUCCESS_REBOOT_REQUIRED and ERROR_SUCCESS_REBOOT_INITIATED.
    if ($process.ExitCode -in 3010, 1641) { Write-Warning 'The installer asks for a restart of Windows.' }
    elseif ($process.ExitCode -ne 0) {
        Get-Content -Path $log -Tail 40 | Write-Warning
        throw "msiexec.exe $($Arguments -join ' ') failed ($($process.ExitCode)); its log is $log."
    }
}

function Add-ToPath([string] $Entry) {
    $target = [EnvironmentVariableTarget]::Machine
    $entries = [Environment]::GetEnvironmentVariable('Path', $target) -split ';'
    if (@($entries | ForEach-Object { $_.TrimEnd('\') }) -contains $Entry) { return }
    [Environment]::SetEnvironmentVariable('Path', (($entries + $Entry) -join ';'), $target)
}

function Start-Ebpf {
    foreach ($name in $services) {
        $service = Get-Service -Name $name -ErrorAction SilentlyContinue
        # Before 1.0 a release had no service.
        if (-not $service -and $name -eq 'eBPFSvc') { continue }
        if (-not $service) { throw "The installer made no service $name." }
        if ($service.Status -eq 'Running') { continue }
        try { Start-Service -Name $name }
        catch {
            throw "$name does not start: $_ A driver that is signed for tests needs test signing, and a restart after it was turned on."
        }
    }
}

$release = Get-Release -Wanted $Version -Path $Releases
$installed = Get-Installed
if ($installed -and -not "$($installed.DisplayVersion).".StartsWith("$($release.Version).")) {
    Write-Output "Removing eBPF for Windows $($installed.DisplayVersion)."
    Invoke-Msi -Arguments '/x', $installed.PSChildName
    $installed = $null
}
if (-not $installed) {
    Write-Output "Installing eBPF for Windows $($release.Version)."
    $installer = Save-Installer $release
    Invoke-Msi -Arguments '/i', "`"$installer`"", 'ADDLOCAL=ALL', "INSTALLFOLDER=`"$folder`""
    Remove-Item -Path $installer
}
if (-not (Test-Path (Join-Path $folder 'ebpfapi.dll'))) { throw "There is no ebpfapi.dll in $folder." }
Add-ToPath $folder
Start-Ebpf
Write-Output "eBPF for Windows $($release.Version) is ready."
