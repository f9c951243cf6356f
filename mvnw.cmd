@echo off
rem Runs the Maven distribution that lies in .mvn\wrapper. Needs a JDK, nothing else. See mvnw.
setlocal enableextensions
set "BASE=%~dp0"
set "PROPERTIES=%BASE%.mvn\wrapper\maven-wrapper.properties"
if not exist "%PROPERTIES%" echo mvnw: cannot read %PROPERTIES%>&2 & exit /b 1

if defined JAVA_HOME goto haveJava
for /f "tokens=1,* delims==" %%a in ('java -XshowSettings:properties -version 2^>^&1 ^| findstr /c:"java.home ="') do set "JAVA_HOME=%%b"
if not defined JAVA_HOME echo mvnw: no Java found: set JAVA_HOME to a JDK, 17 or newer, or put java on the PATH>&2 & exit /b 1
rem The line reads "java.home = C:\..."; drop the blank behind the sign.
set "JAVA_HOME=%JAVA_HOME:~1%"
:haveJava
if not exist "%JAVA_HOME%\bin\jar.exe" echo mvnw: %JAVA_HOME% is not a JDK>&2 & exit /b 1

for /f "usebackq tokens=1,2 delims==" %%a in ("%PROPERTIES%") do (
    if "%%a"=="distribution" set "NAME=%%b"
    if "%%a"=="distributionSha512" set "SUM=%%b"
)
if not defined NAME echo mvnw: distribution is missing in %PROPERTIES%>&2 & exit /b 1
if not defined SUM echo mvnw: distributionSha512 is missing in %PROPERTIES%>&2 & exit /b 1
set "ZIP=%BASE%.mvn\wrapper\%NAME%"
set "INNER=%NAME:-bin.zip=%"
if not defined MAVEN_USER_HOME set "MAVEN_USER_HOME=%USERPROFILE%\.m2"
set "DISTS=%MAVEN_USER_HOME%\wrapper\dists"
set "MAVEN=%DISTS%\%INNER%-%SUM:~0,16%"
if exist "%MAVEN%\bin\mvn.cmd" goto run

set "FOUND="
for /f "skip=1 delims=" %%h in ('certutil -hashfile "%ZIP%" SHA512') do if not defined FOUND set "FOUND=%%h"
if not defined FOUND echo mvnw: cannot read %ZIP%>&2 & exit /b 1
set "FOUND=%FOUND: =%"
if /i not "%FOUND%"=="%SUM%" echo mvnw: %ZIP% has SHA-512 %FOUND%, expected %SUM%>&2 & exit /b 1
set "UNPACK=%DISTS%\.unpack.%RANDOM%%RANDOM%"
mkdir "%UNPACK%" || exit /b 1
pushd "%UNPACK%"
"%JAVA_HOME%\bin\jar" xf "%ZIP%"
popd
rem Whoever loses a race moves its copy inside the winner's directory, where it is removed.
move "%UNPACK%\%INNER%" "%MAVEN%" >nul 2>&1
rmdir /s /q "%UNPACK%" 2>nul
if exist "%MAVEN%\%INNER%" rmdir /s /q "%MAVEN%\%INNER%"
if not exist "%MAVEN%\bin\mvn.cmd" echo mvnw: cannot unpack %ZIP% into %MAVEN%>&2 & exit /b 1

:run
rem A MAVEN_HOME of another installation must not leak in.
set "MAVEN_HOME="
set "M2_HOME="
"%MAVEN%\bin\mvn.cmd" %*
