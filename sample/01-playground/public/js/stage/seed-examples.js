/** The JavaScript of the original README, unchanged. */
export const EXAMPLES = {
  basic: `// Conectar con parámetros
const ws = new WebSocket('ws://localhost:3000/chat?user_id=123&room=general');

// Enviar mensaje broadcast
ws.send(JSON.stringify({
  type: 'broadcast',
  message: 'Hola a todos!'
}));

// Enviar mensaje privado
ws.send(JSON.stringify({
  type: 'private',
  to: 'user456',
  message: 'Hola usuario específico!'
}));

// Enviar mensaje a grupo
ws.send(JSON.stringify({
  type: 'group',
  room: 'general',
  message: 'Hola grupo!'
}));

// Recibir mensajes
ws.onmessage = (event) => {
  const data = JSON.parse(event.data);
  console.log('Mensaje recibido:', data);
};
`,
  channels: `// Cliente
const ws = new WebSocket('ws://localhost:3000/chat?user_id=123');

// Suscribirse a un canal
ws.send(JSON.stringify({
  type: 'subscribe_channel',
  channel: 'room1'
}));

// Enviar mensaje a un canal
ws.send(JSON.stringify({
  type: 'channel_message',
  channel: 'room1',
  message: {
    text: '¡Hola a todos en room1!'
  }
}));

// Escuchar eventos de presencia y canal
ws.onmessage = (event) => {
  const data = JSON.parse(event.data);
  
  switch(data.type) {
    case 'presence_change':
      console.log(\`Usuario \${data.user} \${data.event}\`);
      break;
    case 'channel_event':
      console.log(\`Evento de canal: \${data.event}\`);
      break;
  }
};
`,
  reconnect: `class WebSocketClient {
  constructor(url, options = {}) {
    this.url = url;
    this.options = {
      reconnectInterval: 1000,      // Intervalo entre intentos
      maxReconnectAttempts: 5,      // Máximo de intentos
      heartbeatInterval: 30000,     // Intervalo de heartbeat
      ...options
    };
    
    this.connect();
  }

  connect() {
    this.ws = new WebSocket(this.url);
    this.setupHeartbeat();
    this.setupReconnection();
  }

  setupHeartbeat() {
    // Enviar heartbeat periódicamente
    this.heartbeatInterval = setInterval(() => {
      if (this.ws.readyState === WebSocket.OPEN) {
        this.ws.send(JSON.stringify({ type: 'heartbeat' }));
      }
    }, this.options.heartbeatInterval);
  }

  setupReconnection() {
    this.ws.onclose = () => {
      if (this.reconnectAttempts < this.options.maxReconnectAttempts) {
        setTimeout(() => this.connect(), this.options.reconnectInterval);
        this.reconnectAttempts++;
      }
    };
  }
}

// Uso del cliente
const ws = new WebSocketClient('ws://localhost:3000/chat', {
  reconnectInterval: 2000,
  maxReconnectAttempts: 3,
  heartbeatInterval: 25000
});
`,
};
