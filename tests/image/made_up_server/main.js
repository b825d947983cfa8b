// SPDX-License-Identifier: Apache-2.0
// What the archive's JVM shows to the outside, on a real Java 8 (its own JavaScript): the Connectors of server.xml, with a page
// on HTTP, an answer on 11112 (it rejects every association, as to an unknown AE title), HL7, some of what JBoss listens on for
// itself, at the address of -b, the lines of JBoss's log, its clean end with 0 on SIGTERM.
// It uses what of the JRE loads native libraries: JPEG, colour profiles, fonts.
var System = java.lang.System, home = System.getProperty('jboss.home.dir'), base = home + '/server/default';
var started = System.currentTimeMillis();
new java.io.File(base + '/log').mkdirs();
var log = new java.io.PrintStream(new java.io.FileOutputStream(base + '/log/server.log'), true, 'UTF-8');

function say(text) {
    var line = new java.text.SimpleDateFormat('HH:mm:ss,SSS').format(new java.util.Date()) + ' INFO  ' + text;
    System.out.println(line);
    log.println(line);
}

function draw() {
    var Image = java.awt.image.BufferedImage, picture = new Image(8, 8, Image.TYPE_INT_RGB);
    var converted = new java.awt.image.ColorConvertOp(
        java.awt.color.ColorSpace.getInstance(java.awt.color.ColorSpace.CS_PYCC), null).filter(picture, null);
    var bytes = new java.io.ByteArrayOutputStream();
    javax.imageio.ImageIO.write(picture, 'jpeg', bytes);
    return converted.getWidth() + ' ' + bytes.size();
}

function reject(socket) {
    try {
        var input = new java.io.DataInputStream(socket.getInputStream());
        input.readUnsignedShort();
        var body = new (Java.type('byte[]'))(input.readInt());
        input.readFully(body);
        socket.getOutputStream().write(Java.to([3, 0, 0, 0, 0, 4, 0, 1, 1, 7], 'byte[]'));
        socket.getOutputStream().flush();
        input.read();
    } catch (ended) {
    } finally {
        socket.close();
    }
}

function address(of, port) {
    return new java.net.InetSocketAddress(of.replace('${jboss.bind.address}', bind), port);
}

// what nobody refers to would be collected, and closed with that
var taken = [];
function occupy(of, port) {
    var server = new java.net.ServerSocket();
    server.bind(address(of, port));
    taken.push(server);
    return server;
}

function serve(port) {
    var server = occupy('0.0.0.0', port);
    new java.lang.Thread(function () {
        while (true) {
            reject(server.accept());
        }
    }).start();
}

java.lang.Runtime.getRuntime().addShutdownHook(new java.lang.Thread(function () {
    say('[Server] Runtime shutdown hook called, forceHalt: true');
    say('[Server] Shutdown complete');
    System.out.println('Halting VM');
    java.lang.Runtime.getRuntime().halt(0);
}));
say('[Server] arguments: ' + arguments.join(' ') + ' drawn: ' + draw() +
    ' zone: ' + java.util.TimeZone.getDefault().getID());
function page(of, port) {
    var web = com.sun.net.httpserver.HttpServer.create(address(of, port), 0);
    web.createContext('/', function (exchange) {
        var page = java.nio.file.Files.readAllBytes(java.nio.file.Paths.get(base, 'deploy/jboss-web.deployer/ROOT.war/index.html'));
        exchange.sendResponseHeaders(200, page.length);
        exchange.getResponseBody().write(page);
        exchange.close();
    });
    web.start();
}
var bind = arguments[arguments.indexOf('-b') + 1];
[1099, 4444, 8083].forEach(function (port) { occupy(bind, port); });
var connectors = javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder()
    .parse(base + '/deploy/jboss-web.deployer/server.xml').getElementsByTagName('Connector');
for (var i = 0; i < connectors.getLength(); i++) {
    var connector = connectors.item(i), of = connector.getAttribute('address') || '0.0.0.0', port = connector.getAttribute('port');
    (connector.getAttribute('protocol') === 'HTTP/1.1' ? page : occupy)(of, port);
}
serve(11112);
occupy('0.0.0.0', 2575);
var elapsed = System.currentTimeMillis() - started;
say('[Server] JBoss (MX MicroKernel) [4.2.3.GA] Started in ' + Math.floor(elapsed / 1000) + 's:' + elapsed % 1000 + 'ms');
