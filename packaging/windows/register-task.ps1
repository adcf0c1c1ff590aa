<#
.SYNOPSIS
Registers the hourly c42uds task in the Windows Task Scheduler.

.DESCRIPTION
The task must run as the account that has set the two passwords: they are encrypted for that account. Run this script
signed in as that account, in an elevated PowerShell; it asks for the account's Windows password, which goes to the Task
Scheduler and nowhere else; another user name in that dialog is refused. For a group managed service account use
-ServiceAccount, which needs no password.

This script was written and checked without Windows: nobody has run it there yet, least of all with -ServiceAccount. Look at
the task in the Task Scheduler, start it once by hand, and look at its last result.

.PARAMETER Config
Path of config.properties.

.PARAMETER ServiceAccount
DOMAIN\name$ of a group managed service account that has set the passwords.

.EXAMPLE
.\register-task.ps1 -Config C:\c42uds\config.properties
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory = $true)][string] $Config,
    [string] $TaskName = 'c42uds',
    [string] $ServiceAccount
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$program = Split-Path -Parent $PSScriptRoot
$configPath = (Resolve-Path -LiteralPath $Config).ProviderPath
if (-not (Test-Path -LiteralPath (Join-Path $program 'bin\c42uds.cmd'))) {
    throw "There is no bin\c42uds.cmd in $program. Run this script from the folder 'windows' of c42uds."
}

$account = if ($ServiceAccount) { $ServiceAccount } else { [Security.Principal.WindowsIdentity]::GetCurrent().Name }
$values = @{
    '@ACCOUNT@' = $account
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

if (-not $PSCmdlet.ShouldProcess("$TaskName as $account", 'Register scheduled task')) { return }
if ($ServiceAccount) {
    Register-ScheduledTask -TaskName $TaskName -Xml $xml -User $account -Force | Out-Null
}
else {
    $credential = Get-Credential -UserName $account -Message 'Windows password of the account that runs c42uds'
    if ($null -eq $credential) { throw 'Without the password the task cannot run while nobody is signed in.' }
    # The dialog lets the name be changed; another account could not read the passwords of c42uds.
    if ($credential.UserName.TrimStart('\') -ne $account) {
        throw "The password is for $($credential.UserName), but the task runs as $account, which has set the passwords of c42uds. Leave the user name as it is, or sign in as the other account and set the passwords there first."
    }
    Register-ScheduledTask -TaskName $TaskName -Xml $xml -User $account `
        -Password $credential.GetNetworkCredential().Password -Force | Out-Null
}
Write-Output "The task $TaskName runs hourly as $account. First run by hand: c42uds --full-sync, then c42uds --sync-now."
