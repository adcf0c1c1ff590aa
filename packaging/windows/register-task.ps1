<#
.SYNOPSIS
Registers the hourly c42uds task in the Windows Task Scheduler.

.DESCRIPTION
The task must run as the account that has set the two passwords: they are encrypted for that account. Run this script
signed in as that account, in an elevated PowerShell. Where somebody else's password was needed to elevate it, this script
notices and stops: name the account with -Account then. It asks for the Windows password of the account, which goes to
Windows and nowhere else; another user name in that dialog is refused. Before the task is registered, c42uds says as that
account whether it can read its passwords; -SkipSecretsCheck leaves that out.

Nobody can sign in as a group managed service account, so it cannot have set passwords: with -ServiceAccount they must come from
files that it can read (${file:PATH} in config.properties), and no Windows password is needed.

This script was written and checked without Windows: nobody has run it there yet, least of all with -ServiceAccount. Look at
the task in the Task Scheduler, start it once by hand, and look at its last result.

.PARAMETER Config
Path of config.properties.

.PARAMETER Account
DOMAIN\name of the account that has set the passwords, if it is not the one that runs this script.

.PARAMETER ServiceAccount
DOMAIN\name$ of a group managed service account.

.EXAMPLE
.\register-task.ps1 -Config C:\c42uds\config.properties
#>
#Requires -Version 5.1
#Requires -RunAsAdministrator
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory = $true)][string] $Config,
    [string] $TaskName = 'c42uds',
    [string] $Account,
    [string] $ServiceAccount,
    [switch] $SkipSecretsCheck
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

if ($Account -and $ServiceAccount) { throw 'Give -Account or -ServiceAccount, not both.' }
$program = Split-Path -Parent $PSScriptRoot
$configPath = (Resolve-Path -LiteralPath $Config).ProviderPath
if (-not (Test-Path -LiteralPath (Join-Path $program 'bin\c42uds.cmd'))) {
    throw "There is no bin\c42uds.cmd in $program. Run this script from the folder 'windows' of c42uds."
}

$self = [Security.Principal.WindowsIdentity]::GetCurrent().Name
$runAs = if ($ServiceAccount) { $ServiceAccount } elseif ($Account) { $Account } else { $self }
if ($runAs -eq $self) {
    # Whoever elevates with the password of somebody else is somebody else from then on.
    $session = [Diagnostics.Process]::GetCurrentProcess().SessionId
    $signedIn = @(Get-Process -Name explorer -IncludeUserName -ErrorAction SilentlyContinue |
        Where-Object { $_.SessionId -eq $session } | ForEach-Object { $_.UserName })
    if (-not $Account -and $signedIn.Count -gt 0 -and $signedIn -notcontains $self) {
        throw "This PowerShell runs as $self, but $($signedIn[0]) is signed in. Give -Account with the one of them who has set the passwords of c42uds."
    }
}
if ($ServiceAccount -and (Select-String -LiteralPath $configPath -Pattern '[=:]\s*ENC\b' -Quiet)) {
    throw "$configPath holds passwords that somebody has set for himself, which $ServiceAccount cannot read. Name files that it can read: `${file:PATH}."
}

$values = @{
    '@ACCOUNT@' = $runAs
    '@PROGRAM@' = $program
    '@CONFIG@'  = $configPath
    '@FOLDER@'  = Split-Path -Parent $configPath
}
$xml = Get-Content -LiteralPath (Join-Path $PSScriptRoot 'c42uds-task.xml') -Raw -Encoding UTF8
# The Task Scheduler takes the text as UTF-16, whatever a declaration says.
$xml = $xml -replace '^<\?xml[^>]*\?>\s*', ''
foreach ($name in $values.Keys) {
    $xml = $xml.Replace($name, [Security.SecurityElement]::Escape($values[$name]))
}

if (-not $PSCmdlet.ShouldProcess("$TaskName as $runAs", 'Register scheduled task')) { return }
$launcher = Join-Path $program 'bin\c42uds.cmd'
if ($ServiceAccount) {
    Register-ScheduledTask -TaskName $TaskName -Xml $xml -User $runAs -Force | Out-Null
}
else {
    $credential = Get-Credential -UserName $runAs -Message 'Windows password of the account that runs c42uds'
    if ($null -eq $credential) { throw 'Without the password the task cannot run while nobody is signed in.' }
    # The dialog lets the name be changed; another account could not read the passwords of c42uds.
    if ($credential.UserName.TrimStart('\') -ne $runAs) {
        throw "The password is for $($credential.UserName), but the task runs as $runAs, which has set the passwords of c42uds. Leave the user name as it is, or give -Account."
    }
    if (-not $SkipSecretsCheck) {
        if ($runAs -eq $self) {
            & $launcher secrets check --config $configPath | Out-Host
            $result = $LASTEXITCODE
        }
        else {
            # /s takes off the outer pair of quotation marks and leaves the others as they are.
            $check = Start-Process -FilePath $env:ComSpec -Credential $credential -LoadUserProfile -Wait -PassThru `
                -WorkingDirectory $program -ArgumentList "/d /s /c `"`"$launcher`" secrets check --config `"$configPath`"`""
            $result = $check.ExitCode
        }
        if ($result -ne 0) {
            throw "$runAs cannot read the passwords (c42uds secrets check ended with $result). Set them signed in as $runAs, with c42uds --ldap-bind-password and c42uds --scim-password."
        }
    }
    Register-ScheduledTask -TaskName $TaskName -Xml $xml -User $runAs `
        -Password $credential.GetNetworkCredential().Password -Force | Out-Null
}
Write-Output "The task $TaskName runs hourly as $runAs. First run by hand: c42uds --full-sync, then c42uds --sync-now."
