@echo off
rem Starts c42uds with the Node.js that it brings; with --use-system-node as the first word, or with
rem C42UDS_USE_SYSTEM_NODE=1 in the environment, with the one of the machine, which has to be 24 or 26.
setlocal DisableDelayedExpansion
set "C42UDS_PROGRAM=%~dp0.."
set "C42UDS_NODE=%C42UDS_PROGRAM%\runtime\node.exe"
if "%~1"=="--use-system-node" set "C42UDS_USE_SYSTEM_NODE=1"
if "%C42UDS_USE_SYSTEM_NODE%"=="1" set "C42UDS_NODE=node.exe"
"%C42UDS_NODE%" --max-semi-space-size=8 "%C42UDS_PROGRAM%\bin\c42uds.js" %*
exit /b %ERRORLEVEL%
